import { serviceLevels } from '#libs/sla';
import type { Feature } from '../feature.js';
import { IncomingMailDesk } from './incoming-mail-desk.js';
import { IncomingMailsController } from './incoming-mails.controller.js';
import { MailTextDesk } from './mail-text-desk.js';
import { MailTextsController } from './mail-texts.controller.js';
import { MailboxDesk } from './mailbox-desk.js';
import { MailboxesController } from './mailboxes.controller.js';

export const ticketMailFeature: Feature = {
  controllers: [IncomingMailsController, MailTextsController, MailboxesController],
  providers: ({ database, hint, mailAddresses }) => [
    { provide: IncomingMailDesk, useValue: new IncomingMailDesk(database, hint, serviceLevels) },
    { provide: MailTextDesk, useValue: new MailTextDesk(database, mailAddresses) },
    { provide: MailboxDesk, useValue: new MailboxDesk(database) },
  ],
};
