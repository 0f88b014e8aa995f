/** A response as it comes, for mpegts.js, whose own loader lets a connection go only when the next bytes come, which may be never. */

type Told = (name: string, info: { code: number; msg: string }) => void;
const unheard = (): void => undefined;

/** What mpegts.js asks of a loader; it sets the callbacks. */
export class FetchLoader {
  readonly type = 'fetch';
  readonly needStashBuffer = false;
  onContentLengthKnown: (length: number) => void = unheard;
  onURLRedirect: (url: string) => void = unheard;
  onDataArrival: (chunk: ArrayBuffer, start: number, received: number) => void = unheard;
  onError: Told = unheard;
  onComplete: (from: number, to: number) => void = unheard;
  private readonly ending = new AbortController();
  private working = false;

  isWorking(): boolean {
    return this.working;
  }

  open({ url }: { url: string }): void {
    this.working = true;
    this.read(url).catch((error: unknown) => {
      if (!this.ending.signal.aborted) this.fail('Exception', -1, String(error));
    });
  }

  abort(): void {
    this.working = false;
    this.ending.abort();
  }

  destroy(): void {
    this.abort();
  }

  private fail(name: string, code: number, msg: string): void {
    this.working = false;
    this.onError(name, { code, msg });
  }

  private async read(url: string): Promise<void> {
    const { signal } = this.ending;
    const response = await fetch(url, { signal, cache: 'no-store' });
    if (!response.ok || !response.body) {
      this.ending.abort();
      return this.fail('HttpStatusCodeInvalid', response.status, response.statusText);
    }
    const reader = response.body.getReader();
    let received = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (done) break;
      const start = received;
      received += value.byteLength;
      this.onDataArrival(value.buffer, start, received);
    }
    this.working = false;
    this.onComplete(0, received - 1);
  }
}
