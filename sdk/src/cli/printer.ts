/** Where a command writes. Data goes to stdout, so that scripts can read it; everything else goes to stderr. */
export interface Printer {
  data(text: string): void;
  note(text: string): void;
  failure(text: string): void;
}

const color = process.stdout.isTTY === true && process.stderr.isTTY === true && !process.env.NO_COLOR;
const painted =
  (code: number) =>
  (text: string): string =>
    color ? `\u001b[${code}m${text}\u001b[0m` : text;

export const red = painted(31);
export const yellow = painted(33);
export const green = painted(32);
export const dim = painted(2);
export const bold = painted(1);

export const terminal: Printer = {
  data: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  failure: (text) => void process.stderr.write(`${red('error')} ${text}\n`),
};
