import { DatabaseCheck } from './database-check.js';
import type { Feature } from '../feature.js';
import { HealthController } from './health.controller.js';

export const healthFeature: Feature = {
  controllers: [HealthController],
  providers: ({ database }) => [{ provide: DatabaseCheck, useValue: new DatabaseCheck(database) }],
};
