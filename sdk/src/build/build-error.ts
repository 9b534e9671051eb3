/** A build that cannot be made of this muscle; the message says why and what to do. What was built before stands. */
export class BuildError extends Error {}
