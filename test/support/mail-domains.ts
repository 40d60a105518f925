import { generateKeyPairSync } from 'node:crypto';
import type { MailDns } from '#libs/platform/outgoing';

type Records = Readonly<Record<string, readonly string[]>>;

/** Domains that mails come from, as name servers tell of them, with keys that really sign. */
export class MailDomains {
  private readonly records = new Map<string, Records>();
  /** Names that no server answers for. */
  readonly away = new Set<string>();
  private readonly keys = new Map<string, string>();

  /** A domain with a DKIM key, whose mails come from this machine, and what its DMARC record asks for. */
  add(domain: string, { spf = 'v=spf1 ip4:127.0.0.1 -all', dmarc = 'v=DMARC1; p=none' as string | null } = {}): this {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.keys.set(domain, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    this.records.set(domain, { TXT: [spf] });
    this.records.set(`s1._domainkey.${domain}`, { TXT: [`v=DKIM1; k=rsa; p=${key}`] });
    if (dmarc !== null) this.records.set(`_dmarc.${domain}`, { TXT: [dmarc] });
    return this;
  }

  /** What signs a mail for a domain. */
  signing(domain: string) {
    return { domainName: domain, keySelector: 's1', privateKey: this.keys.get(domain)! };
  }

  get dns(): MailDns {
    return (name, type) => {
      if (this.away.has(name))
        return Promise.reject(Object.assign(new Error(`${name} times out`), { code: 'ETIMEOUT' }));
      const found = this.records.get(name.toLowerCase())?.[type];
      if (!found) return Promise.reject(Object.assign(new Error(`${name} is not known`), { code: 'ENOTFOUND' }));
      return Promise.resolve(type === 'TXT' ? found.map((text) => [text]) : [...found]);
    };
  }
}
