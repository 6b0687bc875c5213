/** Time as a parameter: seconds since 1970, moved by hand. */
export class SimulatedClock {
  #nowSeconds: bigint;

  constructor(startSeconds: bigint) {
    this.#nowSeconds = startSeconds;
  }

  /** Seconds since 1970. */
  readonly now = (): bigint => this.#nowSeconds;

  /** Moves to the next boundary of `intervalSeconds` and gives it. */
  nextTick(intervalSeconds: bigint): bigint {
    this.#nowSeconds = (this.#nowSeconds / intervalSeconds + 1n) * intervalSeconds;
    return this.#nowSeconds;
  }

  /** Moves on by `seconds` and gives the new time. */
  advance(seconds: bigint): bigint {
    this.#nowSeconds += seconds;
    return this.#nowSeconds;
  }
}
