import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { timingSafeEqual } from 'node:crypto';
import Provider from 'oidc-provider';
import { initialPassword } from '../companies/company.model.js';
import { readText } from '../http/request-reading.js';
import type { DemoIssuer, DemoPerson } from './identity-people.js';
import { issuerConfiguration, TWO_FACTORS, type IssuerSettings } from './issuer-settings.js';
import { sendLoginPage } from './pages.js';

const LOGIN = /^\/login\/[\w-]+$/;

/** A demo issuer that listens. */
export interface RunningIssuer {
  /** Its issuer identifier, which is also where it is found. */
  readonly url: string;
  /** Puts somebody into other groups; who is signed in keeps what was said of them until it is asked again. */
  setGroups(user: string, groups: readonly string[]): void;
  /** Nobody knows this person any more: refresh tokens end, sign-in is refused. */
  dismiss(user: string): void;
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 takes a free one. @throws Error when the port is taken. */
export async function startIssuer(
  { people, title }: DemoIssuer,
  port: number,
  settings: Omit<IssuerSettings, 'find'>,
): Promise<RunningIssuer> {
  const known = new Map(people.map((person) => [person.user, person]));
  const server = createServer();
  const url = `http://127.0.0.1:${await listen(server, port)}`;
  const provider = new Provider(url, issuerConfiguration({ ...settings, find: (user) => known.get(user) }));
  const standard = provider.callback();
  const login = new LoginDesk(provider, known, title);
  server.on('request', (request, response) => {
    if (request.url === '/health') response.end('{"status":"ok"}\n');
    else if (LOGIN.test(request.url ?? '')) void login.answer(request, response);
    else void standard(request, response);
  });
  return {
    url,
    setGroups: (user, groups) => void known.set(user, { ...known.get(user)!, groups }),
    dismiss: (user) => void known.delete(user),
    stop: () => close(server),
  };
}

/** Asks who somebody is, and whether with one factor or two. */
class LoginDesk {
  constructor(
    private readonly provider: Provider,
    private readonly people: ReadonlyMap<string, DemoPerson>,
    private readonly title: string,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      // throws unless this browser began this sign-in
      await this.provider.interactionDetails(request, response);
      if (request.method !== 'POST') return sendLoginPage(request, response, this.title, false);
      const form = new URLSearchParams(await readText(request));
      const person = this.people.get(form.get('user') ?? '');
      if (!person || !isPasswordOf(person, form.get('password') ?? ''))
        return sendLoginPage(request, response, this.title, true);
      const login = { accountId: person.user, ...factors(form.get('factors') === 'two') };
      await this.provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
    } catch (error) {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/** The password that somebody has at every demo issuer. */
export function demoPassword({ organisation, user }: DemoPerson): string {
  return initialPassword(organisation, user);
}

function isPasswordOf(person: DemoPerson, given: string): boolean {
  const [expected, got] = [Buffer.from(demoPassword(person)), Buffer.from(given)];
  return expected.length === got.length && timingSafeEqual(expected, got);
}

/** Values of RFC 8176; a class of its own for two factors. */
function factors(two: boolean): { amr: string[]; acr?: string } {
  return two ? { amr: ['pwd', 'otp', 'mfa'], acr: TWO_FACTORS } : { amr: ['pwd'] };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
