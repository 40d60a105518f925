import { eventually } from './eventually.js';

const LINK = /https?:\/\/\S+\/links\/\S+/;

/** A mail as the sandbox's SMTP server took it. */
export interface ArrivedMail {
  readonly subject: string;
  readonly text: string;
}

/** What people read of the sandbox's SMTP server. */
export class Mailbox {
  constructor(
    /** Address of the list of received mails. */
    private readonly received: string,
  ) {}

  async to(address: string): Promise<readonly ArrivedMail[]> {
    const response = await fetch(`${this.received}?to=${encodeURIComponent(address)}`);
    return (await response.json()) as ArrivedMail[];
  }

  /** The mails to somebody, once there are so many. */
  arrived(address: string, count = 1): Promise<readonly ArrivedMail[]> {
    return eventually(`${count} mails to ${address}`, async () => {
      const mails = await this.to(address);
      return mails.length >= count ? mails : null;
    });
  }

  /** The link in the newest mail to somebody, once one has come. */
  async link(address: string): Promise<string> {
    const mails = await this.arrived(address);
    const link = LINK.exec(mails.at(-1)!.text)?.[0];
    if (link === undefined) throw new Error(`No link in "${mails.at(-1)!.text}".`);
    return link;
  }
}
