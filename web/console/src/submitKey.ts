// The idempotency key of a form.
//
// A retry after silence has to carry the key of the first try, so that nothing happens twice. What was typed anew is
// another request and gets another key; so does a request that was refused, since the refusal would be repeated.

export class SubmitKey {
  private key = '';
  private body = '';

  constructor(private readonly fresh: () => string = () => crypto.randomUUID()) {}

  for(body: unknown): string {
    const text = JSON.stringify(body);
    if (!this.key || text !== this.body) {
      this.key = this.fresh();
      this.body = text;
    }
    return this.key;
  }

  /** The server decided: the next request is a new one. */
  settled(): void {
    this.key = '';
  }
}
