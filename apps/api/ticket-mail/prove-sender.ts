import { authenticate, type DKIMResult } from 'mailauth';
import type { MailDns } from '#libs/platform/outgoing';
import type { CheckResult, SenderProof } from '#libs/tickets';

/** From where and as whom a mail was handed to us. */
export interface MailSession {
  /** The address that connected; null: a mailbox was read. */
  readonly ip: string | null;
  readonly helo: string | null;
  /** The envelope's sender; empty for a report, null where it is not known. */
  readonly sender: string | null;
  /** Whose topmost `Authentication-Results` tell what SPF found: a mail server of ours before us. Null: nobody's. */
  readonly authservId: string | null;
}

/** What is proven about a mail, of which `from` is the single sender. */
export interface MailToProve {
  readonly original: Buffer;
  readonly from: string | null;
  /** Lines of headers by lower-case name, the topmost first. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

interface Spf extends CheckResult {
  readonly result: string;
}

const NOTHING: CheckResult = { result: 'none', domain: null };
const TEMPORARY = new Set(['temperror', 'temperr']);

/**
 * Evaluates SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489) and ARC (RFC 8617). The sender is proven when SPF or DKIM passes for
 * the domain of `From`: as strictly as its DMARC record wants it, and also where it has none. A signature that covers only a
 * part of the mail proves nothing; ARC is shown and proves nothing by itself.
 */
export async function proveSender(mail: MailToProve, session: MailSession, dns: MailDns): Promise<SenderProof> {
  const { ip, helo, sender, authservId } = session;
  const told = authservId === null ? null : toldSpf(mail.headers, authservId);
  const own = ip !== null && authservId === null;
  const result = await authenticate(mail.original, {
    ...(own ? { ip, ...(helo ? { helo } : {}), ...(sender ? { sender } : {}) } : {}),
    mta: 'stellwerk',
    resolver: dns,
    disableBimi: true,
  });
  const spf: Spf = told ?? (own && result.spf ? spfOf(result.spf) : NOTHING);
  const dkim = result.dkim?.results ?? [];
  const dmarc = result.dmarc ? result.dmarc : null;
  const strict = { spf: dmarc?.alignment?.spf?.strict === true, dkim: dmarc?.alignment?.dkim?.strict === true };
  const domain = mail.from?.split('@').at(-1) ?? null;
  const bySpf = domain !== null && spf.result === 'pass' && isAligned(domain, spf.domain, strict.spf);
  const byDkim =
    domain !== null && dkim.some((one) => covers(one) && isAligned(domain, one.signingDomain, strict.dkim));
  const proven = bySpf || byDkim;
  return {
    spf,
    dkim: dkim.flatMap((one) =>
      one.signingDomain ? [{ result: resultOf(one), domain: one.signingDomain.toLowerCase() }] : [],
    ),
    dmarc: { result: dmarc?.status.result ?? 'none', domain: dmarc?.domain ?? null, policy: dmarc?.policy ?? null },
    arc: { result: (result.arc ? result.arc.status?.result : undefined) ?? 'none', domain: null },
    proven,
    why: why({ domain, bySpf, byDkim }),
    temporary:
      !proven &&
      [spf.result, dmarc?.status.result ?? '', ...dkim.map((one) => one.status.result)].some((one) =>
        TEMPORARY.has(one),
      ),
  };
}

function why({ domain, bySpf, byDkim }: { domain: string | null; bySpf: boolean; byDkim: boolean }): string {
  if (domain === null) return 'it has no single sender';
  if (byDkim) return `signed by ${domain}`;
  return bySpf ? `sent by a server of ${domain}` : `nothing proves that it is from ${domain}`;
}

function spfOf(spf: { readonly domain?: string; readonly status: { readonly result: string } }): Spf {
  return { result: spf.status.result, domain: spf.domain?.toLowerCase() ?? null };
}

/** The whole mail, and who it says it is from. */
function covers({ status, signingHeaders, canonBodyLengthLimited }: SignedParts): boolean {
  const names = (signingHeaders?.keys ?? '').toLowerCase().split(/[:\s]+/);
  return status.result === 'pass' && canonBodyLengthLimited !== true && names.includes('from');
}

type SignedParts = DKIMResult & {
  readonly signingHeaders?: { readonly keys?: string };
  readonly canonBodyLengthLimited?: boolean;
};

function resultOf(one: SignedParts): string {
  return one.status.result === 'pass' && !covers(one) ? 'partial' : one.status.result;
}

/** Relaxed: one of them lies in the other. A public suffix signs for nobody: no one has its keys. */
function isAligned(from: string, proven: string | null, strict: boolean): boolean {
  const [a, b] = [from.toLowerCase(), (proven ?? '').toLowerCase()];
  if (a === b) return true;
  return !strict && b.includes('.') && (a.endsWith(`.${b}`) || b.endsWith(`.${a}`));
}

/** RFC 8601: only the topmost header counts; the server that we believe takes out what strangers wrote in its name. */
function toldSpf(headers: MailToProve['headers'], authservId: string): Spf {
  const [top = ''] = headers.get('authentication-results') ?? [];
  const [id = ''] = top.trim().split(/[\s;]/, 1);
  if (id.toLowerCase() !== authservId.toLowerCase()) return NOTHING;
  const part = top.split(';').find((one) => /^\s*spf\s*=/i.test(one)) ?? '';
  const result = /^\s*spf\s*=\s*([a-z]+)/i.exec(part)?.[1]?.toLowerCase() ?? 'none';
  const sender = /smtp\.mailfrom\s*=\s*"?([^\s;"]+)/i.exec(part)?.[1]?.toLowerCase() ?? null;
  return { result, domain: sender?.split('@').at(-1) ?? null };
}
