import { Socket } from "node:net";

/**
 * A socket that sends what is written in one turn of the event loop as one: statements asked at once then leave,
 * and wake the database, once instead of one by one. Whoever wants to know when a piece was sent, or writes while
 * connecting, has it sent by itself.
 */
export class GatheringSocket extends Socket {
  #gathered: Uint8Array[] = [];

  override write(...written: unknown[]): boolean {
    const [piece, ...rest] = written;
    if (rest.length > 0 || !(piece instanceof Uint8Array) || this.connecting) {
      this.#send();
      return super.write(...(written as Parameters<Socket["write"]>));
    }
    if (this.#gathered.push(piece) === 1) process.nextTick(() => this.#send());
    return !this.writableNeedDrain;
  }

  #send(): void {
    if (this.#gathered.length === 0) return;
    const pieces = this.#gathered;
    this.#gathered = [];
    super.write(Buffer.concat(pieces));
  }
}
