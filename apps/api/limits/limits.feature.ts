import type { Feature } from '../feature.js';
import { LimitsController } from './limits.controller.js';
import { LimitsDesk } from './limits-desk.js';

export const limitsFeature: Feature = {
  controllers: [LimitsController],
  providers: ({ database, limits }) => [{ provide: LimitsDesk, useValue: new LimitsDesk(database, limits.usual) }],
};
