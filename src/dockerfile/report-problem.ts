/** How the reading of an instruction says what the builder would reject. */

/** `offset` counts from the instruction's first byte; default: where its arguments begin. */
export type Report = (message: string, advice: string, offset?: number) => void;
