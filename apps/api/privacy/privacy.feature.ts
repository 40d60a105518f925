import type { Feature } from '../feature.js';
import { LegalHoldsController } from './legal-holds.controller.js';
import { PersonsController } from './persons.controller.js';
import { PrivacyDesk } from './privacy-desk.js';
import { ProcessingRecordController } from './processing-record.controller.js';

export const privacyFeature: Feature = {
  controllers: [PersonsController, LegalHoldsController, ProcessingRecordController],
  providers: ({ database, signInLimits }) => [
    { provide: PrivacyDesk, useValue: new PrivacyDesk(database, signInLimits) },
  ],
};
