import { BodyMeter } from './body-meter.js';
import { requestBodyFraming } from './request-text.js';

/** How much of a body is kept for the case that the peer asks for another sign-on. */
export const KEPT_BODY = 1_048_576;

/** One request as its client wrote it, kept so that it can be written once more. */
export class RequestRecord {
  /** Request line and fields as the client wrote them, with the empty line. */
  readonly head: string;
  #meter: BodyMeter | undefined;
  #body: Buffer[] = [];
  #bytes = 0;
  #tooLong = false;

  constructor(head: string) {
    this.head = head;
  }

  /** The client has written all of it. */
  get complete(): boolean {
    return this.#bodyMeter.done;
  }

  /** All that was written is still at hand. */
  get replayable(): boolean {
    return !this.#tooLong;
  }

  get bodyBegan(): boolean {
    return this.#bytes > 0;
  }

  get body(): readonly Buffer[] {
    return this.#body;
  }

  /** Bytes of the body, as they go out. They are copied: their owner may use the memory again. */
  add(chunk: Buffer): void {
    this.#bodyMeter.take(chunk);
    this.#bytes += chunk.length;
    if (this.#tooLong || this.#bytes > KEPT_BODY) {
      this.#tooLong = true;
      this.#body = [];
    } else {
      this.#body.push(Buffer.from(chunk));
    }
  }

  /** The response is there: nothing will have to be written again. */
  forget(): void {
    this.#body = [];
    this.#tooLong = true;
  }

  /** Most requests have no body and are never asked about it. */
  get #bodyMeter(): BodyMeter {
    return (this.#meter ??= new BodyMeter(requestBodyFraming(this.head)));
  }
}
