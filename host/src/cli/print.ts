const color = process.stdout.isTTY === true && process.stderr.isTTY === true && !process.env.NO_COLOR;

/** Data for scripts and people who asked for it: stdout. */
export function printData(text: string): void {
  console.log(text);
}

/** Progress, hints and failures: stderr, so that stdout stays clean for data. */
export function printNote(text: string): void {
  console.error(text);
}

export function printFailure(text: string): void {
  console.error(`${red('error')} ${text}`);
}

export const red = (text: string): string => (color ? `\u001b[31m${text}\u001b[0m` : text);
export const yellow = (text: string): string => (color ? `\u001b[33m${text}\u001b[0m` : text);
export const green = (text: string): string => (color ? `\u001b[32m${text}\u001b[0m` : text);
export const dim = (text: string): string => (color ? `\u001b[2m${text}\u001b[0m` : text);
