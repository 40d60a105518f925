import { serviceLevels } from '#libs/sla';
import type { Feature } from '../feature.js';
import { TicketDesk } from './ticket-desk.js';
import { TicketsController } from './tickets.controller.js';

export const ticketsFeature: Feature = {
  controllers: [TicketsController],
  providers: ({ database, hint }) => [{ provide: TicketDesk, useValue: new TicketDesk(database, hint, serviceLevels) }],
};
