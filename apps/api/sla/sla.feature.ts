import type { Feature } from '../feature.js';
import { PromiseDesk } from './promise-desk.js';
import { PromisesController } from './promises.controller.js';
import { SlaController } from './sla.controller.js';
import { TryTargets } from './try-targets.js';

export const slaFeature: Feature = {
  controllers: [SlaController, PromisesController],
  providers: ({ database, hint }) => [
    { provide: PromiseDesk, useValue: new PromiseDesk(database, hint) },
    { provide: TryTargets, useValue: new TryTargets(database) },
  ],
};
