import type { Feature } from '../feature.js';
import { RetentionController } from './retention.controller.js';
import { RetentionDesk } from './retention-desk.js';

export const retentionFeature: Feature = {
  controllers: [RetentionController],
  providers: ({ database, hint }) => [{ provide: RetentionDesk, useValue: new RetentionDesk(database, hint) }],
};
