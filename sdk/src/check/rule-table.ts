import type { DiagnosticCode } from '../bind/diagnostic-codes.ts';

export interface RuleText {
  /** One line: what a muscle that keeps the rule looks like. */
  readonly title: string;
  readonly severity: 'error' | 'warning';
  /** Which failure it prevents. */
  readonly why: string;
  /** The usual way to put it right; a finding may name a better one for its place. */
  readonly fix: string;
  /** Findings of the binder that belong to the rule. */
  readonly codes?: readonly DiagnosticCode[];
  /** Judges by likeness, so an author may allow a line with a comment that gives the reason. */
  readonly allowable?: boolean;
}

/** Every rule of `muscle check`. Ids are stable; each has a page in docs/reference/rules/. */
export const RULES = {
  'spec-readable': {
    title: 'spec.yaml is plain YAML that the host can read.',
    severity: 'error',
    why: 'A spec that is read differently by two parsers, or that costs a parser seconds, is refused before anything runs.',
    fix: 'Write plain keys and values, indented with spaces, each key once.',
    codes: [
      'spec.too_large',
      'spec.too_deep',
      'spec.too_many_nodes',
      'spec.too_many_aliases',
      'spec.too_many_problems',
      'spec.yaml_syntax',
      'spec.multiple_documents',
      'spec.custom_tag',
      'spec.unknown_alias',
      'spec.complex_key',
      'spec.duplicate_key',
      'spec.forbidden_key',
      'spec.not_json',
      'spec.empty',
      'spec.not_a_mapping',
    ],
  },
  'spec-complete': {
    title: 'spec.yaml has every required field, and each field holds what it should.',
    severity: 'error',
    why: 'The host serves nothing that its spec leaves open: a guessed field would be a guessed promise to clients.',
    fix: 'Fill in the field as the message says; docs/guides/write-a-muscle.md shows all of them.',
    codes: [
      'spec.missing_field',
      'spec.wrong_type',
      'spec.invalid_choice',
      'spec.invalid_id',
      'spec.id_folder_mismatch',
      'spec.invalid_version',
      'spec.unsupported_api_version',
      'spec.unknown_capability',
      'spec.duplicate_item',
      'spec.invalid_isolation_group',
      'spec.input_missing',
      'spec.input_conflict',
      'spec.nothing_to_serve',
    ],
  },
  'no-unknown-keys': {
    title: 'spec.yaml has no key that the host does not know.',
    severity: 'warning',
    why: 'A misspelt key has no effect and says so nowhere: the timeout, the subject or the effects silently stay at their defaults.',
    fix: 'Correct the key, remove it, or start it with "x-" to keep a note of your own.',
    codes: ['spec.unknown_key'],
  },
  'names-fit': {
    title: 'Names are <namespace>.<operation>, unique, and short enough for every client.',
    severity: 'error',
    why: 'Policy and audit find a scope by its name, and clients drop tools whose names they cannot write.',
    fix: 'Write the namespace of the muscle, a dot and a short verb phrase: notes.add_note.',
    codes: [
      'spec.invalid_namespace',
      'spec.wrong_namespace',
      'spec.invalid_name',
      'spec.name_too_long',
      'spec.duplicate_name',
      'spec.wire_name_collision',
    ],
  },
  'http-fits': {
    title: 'HTTP bindings have paths of their own whose parameters are properties of the input.',
    severity: 'error',
    why: 'A route that two scopes claim, or a parameter that no argument takes, would answer the wrong thing.',
    fix: 'Give each scope a path under the name of the muscle, with {parameters} named after input properties.',
    codes: [
      'spec.invalid_http_path',
      'spec.reserved_http_path',
      'spec.duplicate_http_route',
      'spec.body_not_allowed',
      'bind.unknown_http_param',
    ],
  },
  'resources-fit': {
    title: 'Resources and subjects name URIs, variables and properties that exist.',
    severity: 'error',
    why: 'Policy asks what a call acts on; a subject that is never found would be a subject that is never checked.',
    fix: 'Name a variable of the uri or a property of the input, and give each resource a uri of its own.',
    codes: [
      'spec.invalid_uri',
      'spec.duplicate_uri',
      'spec.template_only',
      'spec.unknown_subject_variable',
      'bind.unknown_subject_property',
    ],
  },
  'no-firearms-in-spec': {
    title: 'firearms_required is never true.',
    severity: 'error',
    why: 'A firearm is a licence that policy binds to a scope at run time. One that the spec demands could not be changed, granted or audited by an operator.',
    fix: 'Remove the line, and bind the scope with PUT /firearms/bindings.',
    codes: ['spec.firearms_in_spec'],
  },
  'exports-fit': {
    title: 'Every handler that spec.yaml names is a named export of impl.ts, and a function of the right kind.',
    severity: 'error',
    why: 'The host calls what the spec names. A missing export refuses the whole muscle; an unused one is usually a scope that was forgotten.',
    fix: 'Export the function under the name that spec.yaml has, or correct the name there. A stream scope has an async generator, every other scope a plain function.',
    codes: [
      'bind.missing_handler',
      'bind.handler_not_a_function',
      'bind.stream_not_a_generator',
      'bind.generator_not_a_stream',
      'bind.lifecycle_not_a_function',
    ],
  },
  'models-fit': {
    title: 'Every model is an exported zod object with a JSON form.',
    severity: 'error',
    why: 'Models are published as JSON Schema. One that is not an object, or has a member without a JSON form, makes clients drop the tool list.',
    fix: 'Export z.object({ … }) with members that JSON can hold.',
    codes: ['bind.missing_model', 'bind.not_a_model', 'bind.model_not_an_object', 'bind.unconvertible_model'],
  },
  'input-schema-fits': {
    title: 'A hand-written input_schema is a small, self-contained JSON Schema 2020-12 object.',
    severity: 'error',
    why: 'The host compiles it at load and fetches nothing; a schema that does not compile would let everything in.',
    fix: 'Write "type: object" with properties, and copy what it refers to under $defs.',
    codes: ['bind.invalid_input_schema', 'bind.external_ref', 'bind.schema_too_complex'],
  },
  'timeouts-sane': {
    title: 'timeout_ms is long enough to finish and short enough that clients still wait.',
    severity: 'warning',
    why: 'Most clients give up after 60 seconds: the work goes on, its answer reaches nobody, and a retry does it twice.',
    fix: 'Use 1000 to 60000 ms. For longer work write "kind: job": the call answers at once, and the work goes on behind it.',
    codes: ['spec.timeout_out_of_range'],
  },
  'code-loads': {
    title: 'impl.ts compiles and can be imported.',
    severity: 'error',
    why: 'Code that throws, waits or ends the process while it is imported takes the muscle down before its first call.',
    fix: 'Keep the top level of modules to imports, constants and functions; do work in setup() or in handlers.',
  },
  'imports-stay-inside': {
    title: 'A muscle imports only its own folder, its declared packages, zod and @northstar/sdk.',
    severity: 'error',
    why: 'A muscle that reaches into the host or a neighbour goes around policy, and breaks when either is upgraded or moved.',
    fix: 'Take what you need from ctx, or copy it into this folder, or declare a package of its own.',
  },
  'dependencies-declared': {
    title: 'Every package that the code imports stands under dependencies in package.json.',
    severity: 'warning',
    why: 'A package that is only there by chance is missing once the muscle is built, packed or installed elsewhere.',
    fix: 'npm install the package in the folder of the muscle, so that package.json names it.',
  },
  'no-stdout': {
    title: 'A muscle writes nothing to stdout.',
    severity: 'error',
    why: 'Over stdio, stdout carries the protocol. One stray line ends the session of every client.',
    fix: 'Use ctx.log for operators, ctx.notifyLog for the client’s user, and delete debug output.',
  },
  'no-policy-in-code': {
    title: 'The code decides nothing about licences, tenants or modes.',
    severity: 'error',
    why: 'A hard-coded check cannot be granted, revoked or audited, and GateChain, which runs before every handler, never hears of it.',
    fix: 'Remove the check. Operators bind firearms and policies to the scope; use ctx.gate(action, subject) for a finer question.',
    allowable: true,
  },
  'no-process-control': {
    title: 'A muscle leaves the process to the host.',
    severity: 'error',
    why: 'process.exit, chdir, signals and timers at the top level act on every muscle and every tenant at once, and outlive a reload.',
    fix: 'Throw MuscleError instead of exiting; start what must run in setup() and end it in dispose().',
  },
  'capabilities-declared': {
    title: 'The code uses the capabilities that requires names, and no others.',
    severity: 'error',
    why: 'ctx carries only what requires names. The rest is undefined, and the first call that needs it fails.',
    fix: 'Add the capability to requires in spec.yaml, or remove its use.',
    allowable: true,
  },
  'descriptions-useful': {
    title: 'Scopes and their arguments are described in words that a model can choose by.',
    severity: 'warning',
    why: 'A model picks a tool by its description alone. Without one it picks the wrong tool, or invents arguments.',
    fix: 'Say in one or two sentences what the call does and when to use it, and .describe() every argument.',
  },
  'effects-stated': {
    title: 'Every scope states its effects, and they agree with its HTTP method.',
    severity: 'warning',
    why: 'Unstated means destructive: clients ask their user before every call, and some refuse to run it unattended.',
    fix: 'Write effects: read, write or destructive, whichever is true.',
  },
  'examples-fit': {
    title: 'Examples pass the input model, and each scope has one.',
    severity: 'warning',
    why: 'describeMuscle runs the examples; people and models copy them. One that the model refuses teaches a wrong call.',
    fix: 'Add "examples: [{ arguments: { … } }]" to the scope, with arguments that its model accepts.',
  },
  'clients-keep-tools': {
    title: 'No MCP client drops or mangles the tools.',
    severity: 'warning',
    why: 'Clients and the models behind them have limits of their own. A tool beyond one disappears without a word, or takes the whole chat down.',
    fix: 'Shorten the name or simplify the schema as the message says.',
  },
} as const satisfies Record<string, RuleText>;

export type RuleId = keyof typeof RULES;

const BY_CODE = new Map<string, RuleId>(
  Object.entries(RULES).flatMap(([id, rule]) =>
    ('codes' in rule ? rule.codes : []).map((code): [string, RuleId] => [code, id as RuleId]),
  ),
);

/** The rule that a finding of the binder belongs to. */
export function ruleOfCode(code: string): RuleId {
  return BY_CODE.get(code) ?? 'spec-complete';
}
