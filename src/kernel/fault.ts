/** A bug or an outage: something that no person using the portal can put right. Keeps its cause for the log. */
export class Fault extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "Fault";
  }
}
