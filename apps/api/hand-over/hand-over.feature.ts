import type { Feature } from '../feature.js';
import { CollectPassword } from './collect-password.js';
import { HandOverController } from './hand-over.controller.js';
import { HandOversController } from './hand-overs.controller.js';
import { ListHandOvers } from './list-hand-overs.js';

export const handOverFeature: Feature = {
  controllers: [HandOversController, HandOverController],
  providers: ({ database, hint }) => [
    { provide: CollectPassword, useValue: new CollectPassword(database, hint) },
    { provide: ListHandOvers, useValue: new ListHandOvers(database) },
  ],
};
