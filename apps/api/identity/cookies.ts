import { parse, serialize } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Our cookies: the session, and a sign-in at an issuer or with a passkey that is under way. */
export type CookieKind = 'session' | 'sign-in' | 'passkey';

/** A session's ends with the browser, or when the session does. */
const SECONDS: Readonly<Partial<Record<CookieKind, number>>> = { 'sign-in': 600, passkey: 300 };

/**
 * The API's cookies: not for scripts, not sent along with other sites' requests, for this host alone. Behind https their
 * name begins with `__Host-`, which a browser takes from this host by TLS only (RFC 6265bis); on the loopback there is
 * no TLS, hence no prefix.
 */
export class Cookies {
  private readonly isSecure: boolean;

  constructor(publicUrl: string) {
    this.isSecure = publicUrl.startsWith('https:');
  }

  name(kind: CookieKind): string {
    return `${this.isSecure ? '__Host-' : ''}stellwerk-${kind}`;
  }

  read({ headers }: Pick<FastifyRequest, 'headers'>, kind: CookieKind): string | undefined {
    return headers.cookie === undefined ? undefined : parse(headers.cookie)[this.name(kind)];
  }

  set(reply: FastifyReply, kind: CookieKind, token: string): void {
    void reply.header('set-cookie', this.header(kind, token));
  }

  /** The value of a `Set-Cookie` header. */
  header(kind: CookieKind, token: string): string {
    const maxAge = SECONDS[kind];
    return this.written(kind, token, maxAge === undefined ? {} : { maxAge });
  }

  clear(reply: FastifyReply, kind: CookieKind): void {
    void reply.header('set-cookie', this.cleared(kind));
  }

  /** The value of a `Set-Cookie` header that takes the cookie away. */
  cleared(kind: CookieKind): string {
    return this.written(kind, '', { maxAge: 0 });
  }

  private written(kind: CookieKind, value: string, life: { maxAge?: number }): string {
    const rules = { httpOnly: true, secure: this.isSecure, sameSite: 'lax', path: '/' } as const;
    return serialize(this.name(kind), value, { ...rules, ...life });
  }
}
