import { parse, serialize } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Our two cookies: the session, and a sign-in that is under way. */
export type CookieKind = 'session' | 'sign-in';

const SIGN_IN_SECONDS = 600;

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

  /** A session's cookie ends with the browser, or when the session does; a sign-in has ten minutes. */
  set(reply: FastifyReply, kind: CookieKind, token: string): void {
    this.write(reply, kind, token, kind === 'sign-in' ? { maxAge: SIGN_IN_SECONDS } : {});
  }

  clear(reply: FastifyReply, kind: CookieKind): void {
    this.write(reply, kind, '', { maxAge: 0 });
  }

  private write(reply: FastifyReply, kind: CookieKind, value: string, life: { maxAge?: number }): void {
    const rules = { httpOnly: true, secure: this.isSecure, sameSite: 'lax', path: '/' } as const;
    void reply.header('set-cookie', serialize(this.name(kind), value, { ...rules, ...life }));
  }
}
