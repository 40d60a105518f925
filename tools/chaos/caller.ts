import { setTimeout as pause } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const ANSWER_WITHIN_MS = 10_000;

/**
 * Calls the API as a careful integrator does: a call without an answer is sent again, as it was, to the next instance;
 * so is one that was answered by "not now" (429, 5xx).
 */
export class Caller {
  /** Connections that broke or were refused, and calls that took too long. */
  retriedConnections = 0;
  /** Answers of 500 and above. */
  serverErrors = 0;
  private next = 0;

  constructor(private readonly apis: readonly string[]) {}

  call(path: string, key: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.insist('POST', path, key, body, headers);
  }

  put(path: string, key: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.insist('PUT', path, key, body, headers);
  }

  private async insist(
    method: string,
    path: string,
    key: string,
    body: object,
    headers: Record<string, string>,
  ): Promise<Answer> {
    for (let failures = 0; ; failures += 1) {
      const answer = await this.attempt(method, path, key, body, headers);
      if (answer && answer.status < 500 && answer.status !== 429 && !isUnderWay(answer)) return answer;
      // another instance is there at once; only when both failed is it time to wait
      if (failures > 0) await pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
    }
  }

  private async attempt(
    method: string,
    path: string,
    key: string,
    body: object,
    headers: Record<string, string>,
  ): Promise<Answer | null> {
    this.next += 1;
    const api = this.apis[this.next % this.apis.length]!;
    try {
      const response = await fetch(`${api}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      if (response.status >= 500) this.serverErrors += 1;
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    } catch {
      this.retriedConnections += 1;
      return null;
    }
  }
}

/** The first call with this key has not been answered yet: ask again. */
function isUnderWay({ body }: Answer): boolean {
  return body['code'] === 'idempotency.in_progress';
}
