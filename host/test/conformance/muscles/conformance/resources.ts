import { binaryResult, type BinaryResult, type MuscleContext } from '@northstar/sdk';
import { PNG } from './samples.ts';

export function staticText(): string {
  return 'This is the content of the static text resource.';
}

export function staticBinary(): BinaryResult {
  const bytes = Buffer.from(PNG, 'base64');
  return binaryResult({
    mediaType: 'image/png',
    size: bytes.length,
    open: async () =>
      (async function* () {
        yield bytes;
      })(),
  });
}

export function watchedText(): string {
  return 'Watched resource content';
}

export function templateData(_ctx: MuscleContext, { id }: { id: string }): object {
  return { id, templateTest: true, data: `Data for ID: ${id}` };
}

export function completeFromWords(_ctx: MuscleContext, { value }: { argument: string; value: string }): string[] {
  return ['paris', 'park', 'party', 'test', 'testing'].filter((word) => word.startsWith(value));
}
