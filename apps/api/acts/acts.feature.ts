import type { Feature } from '../feature.js';
import { ActsController } from './acts.controller.js';
import { GiveAct } from './give-act.js';

export const actsFeature: Feature = {
  controllers: [ActsController],
  providers: ({ database, hint }) => [{ provide: GiveAct, useValue: new GiveAct(database, hint) }],
};
