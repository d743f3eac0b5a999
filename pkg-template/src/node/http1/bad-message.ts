/** The peer's message breaks HTTP/1.1: it is answered with this status and the connection is closed, because nobody can
 * say any more where the next message begins. */
export class BadMessage extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'BadMessage';
    this.status = status;
  }
}
