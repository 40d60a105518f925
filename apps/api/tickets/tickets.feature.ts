import { serviceLevels } from '#libs/sla';
import type { Feature } from '../feature.js';
import { AttachmentDesk } from './attachment-desk.js';
import { AttachmentsController } from './attachments.controller.js';
import { RelationDesk } from './relation-desk.js';
import { RelationsController } from './relations.controller.js';
import { ShapeController } from './shape.controller.js';
import { ShapeDesk } from './shape-desk.js';
import { TicketDesk } from './ticket-desk.js';
import { TicketsController } from './tickets.controller.js';
import { TimeController } from './time.controller.js';
import { TimeDesk } from './time-desk.js';

export const ticketsFeature: Feature = {
  controllers: [TicketsController, AttachmentsController, TimeController, RelationsController, ShapeController],
  providers: ({ database, hint }) => [
    { provide: TicketDesk, useValue: new TicketDesk(database, hint, serviceLevels) },
    { provide: AttachmentDesk, useValue: new AttachmentDesk(database, hint) },
    { provide: RelationDesk, useValue: new RelationDesk(database, hint) },
    { provide: ShapeDesk, useValue: new ShapeDesk(database, hint, serviceLevels) },
    { provide: TimeDesk, useValue: new TimeDesk(database, hint) },
  ],
};
