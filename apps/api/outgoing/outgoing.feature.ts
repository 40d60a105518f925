import type { Feature } from '../feature.js';
import { OutgoingDesk } from './outgoing-desk.js';
import { OutgoingController } from './outgoing.controller.js';

export const outgoingFeature: Feature = {
  controllers: [OutgoingController],
  providers: ({ database }) => [{ provide: OutgoingDesk, useValue: new OutgoingDesk(database) }],
};
