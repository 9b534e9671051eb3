/** Longer words are not typos of ours, and distance costs length times length. */
const MAX_LENGTH = 80;

/** `; did you mean "x"?` for the nearest candidate, or nothing when none is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const best = nearest(word, candidates);
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

/** The candidate that a typo most likely meant, if one is within a third of its letters. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const plain = fold(word);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(plain.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === word || candidate.length > MAX_LENGTH) continue;
    const distance = editDistance(plain, fold(candidate));
    // A distance as long as the word itself replaces every letter: no likeness left.
    if (distance < bestDistance && distance < Math.max(plain.length, 2)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `inputModel`, `input-model` and `input_model` are one word to an author. */
function fold(word: string): string {
  return word.replace(/[-_.\s]/g, '').toLowerCase();
}

/** Levenshtein distance with neighbouring letters swapped as one step. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
