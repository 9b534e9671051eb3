import js from '@eslint/js';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist/', 'node_modules/', '.northstar/'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // Over stdio, stdout belongs to the protocol.
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^@northstar/host', message: 'A muscle knows nothing of the host that runs it.' }] },
      ],
    },
  },
);
