import { customerToken, threadToken, type TokenPlace } from './mail-tokens.js';

/** Where the key of mails about tickets is sealed, at the MSP. */
export const TICKET_MAIL_KEY = { owner: 'ticket-mails', name: 'key' } as const;

/** Reads the installation's key of mails about tickets. */
export type MailKey = () => Promise<Buffer>;

/** The helpdesk's addresses, as they stand in mails about tickets. */
export class MailAddresses {
  /** `address`: the helpdesk's own; null: nothing comes in by mail. `host` stands in Message-IDs then. */
  constructor(
    private readonly key: MailKey,
    private readonly address: string | null,
    private readonly host: string,
  ) {}

  /** Where answers to mails about a ticket go; null without a helpdesk's address. */
  async ofTicket(place: TokenPlace): Promise<string | null> {
    return this.with(threadToken(await this.key(), place));
  }

  /** A customer's own address of the helpdesk; null without one. */
  async ofCustomer(tenant: string): Promise<string | null> {
    return this.with(customerToken(await this.key(), tenant));
  }

  /** The Message-ID of a mail about a ticket: an answer that lost its address finds the ticket by it. */
  async messageId(place: TokenPlace, mailId: string): Promise<string> {
    return `<${threadToken(await this.key(), place)}.${mailId}@${this.address?.split('@')[1] ?? this.host}>`;
  }

  private with(token: string): string | null {
    const [name, domain] = this.address?.split('@') ?? [];
    return name === undefined || domain === undefined ? null : `${name}+${token}@${domain}`;
  }
}
