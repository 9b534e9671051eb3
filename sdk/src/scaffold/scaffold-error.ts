/** A scaffold that was refused: the message says why, and what to do. Nothing was written. */
export class ScaffoldError extends Error {}
