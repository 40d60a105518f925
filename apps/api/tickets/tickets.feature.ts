import { serviceLevels } from '#libs/sla';
import type { Feature } from '../feature.js';
import { AttachmentDesk } from './attachment-desk.js';
import { AttachmentsController } from './attachments.controller.js';
import { TicketDesk } from './ticket-desk.js';
import { TicketsController } from './tickets.controller.js';
import { TimeController } from './time.controller.js';
import { TimeDesk } from './time-desk.js';

export const ticketsFeature: Feature = {
  controllers: [TicketsController, AttachmentsController, TimeController],
  providers: ({ database, hint }) => [
    { provide: TicketDesk, useValue: new TicketDesk(database, hint, serviceLevels) },
    { provide: AttachmentDesk, useValue: new AttachmentDesk(database, hint) },
    { provide: TimeDesk, useValue: new TimeDesk(database, hint) },
  ],
};
