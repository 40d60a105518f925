/** A browser as far as sign-in needs one: it keeps cookies by host, and follows redirects when it is told to. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  constructor(private readonly headers: Readonly<Record<string, string>> = {}) {}

  /** One call, without following a redirect. */
  async call(method: string, address: string | URL, init: BrowserCall = {}): Promise<BrowserAnswer> {
    const url = new URL(address);
    const cookie = this.cookieHeader(url);
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...this.headers, ...(cookie ? { cookie } : {}), ...init.headers },
      ...(init.form ? { body: new URLSearchParams(init.form) } : {}),
      ...(init.json === undefined ? {} : { body: JSON.stringify(init.json) }),
    });
    for (const line of response.headers.getSetCookie()) this.keep(url, line);
    const location = response.headers.get('location');
    return {
      url,
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: location === null ? null : new URL(location, url),
    };
  }

  /** Follows redirects from an answer on, until one that is none, or whose target `stop` says is not to be called. */
  async follow(first: BrowserAnswer, stop: (target: URL) => boolean = () => false): Promise<BrowserAnswer> {
    let answer = first;
    for (let hops = 0; answer.location !== null && !stop(answer.location); hops++) {
      if (hops === 20) throw new Error(`Redirected without end, last to ${answer.location.href}`);
      answer = await this.call('GET', answer.location);
    }
    return answer;
  }

  cookie(address: string, name: string): string | undefined {
    return this.jars.get(new URL(address).hostname)?.get(name);
  }

  setCookie(address: string, name: string, value: string): void {
    this.jarOf(new URL(address)).set(name, value);
  }

  /** The `Set-Cookie` names that are kept for a host. */
  cookieNames(address: string): string[] {
    return [...(this.jars.get(new URL(address).hostname)?.keys() ?? [])];
  }

  private cookieHeader(url: URL): string {
    return [...this.jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keep(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const isOver = value === '' || attributes.some((one) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(one));
    if (isOver) this.jarOf(url).delete(name);
    else this.jarOf(url).set(name, value);
  }

  private jarOf(url: URL): Map<string, string> {
    const known = this.jars.get(url.hostname);
    if (known) return known;
    const made = new Map<string, string>();
    this.jars.set(url.hostname, made);
    return made;
  }
}

export interface BrowserCall {
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Record<string, string>;
  readonly json?: unknown;
}

export interface BrowserAnswer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it redirects to. */
  readonly location: URL | null;
}
