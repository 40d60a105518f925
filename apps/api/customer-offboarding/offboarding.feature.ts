import type { Feature } from '../feature.js';
import { AccessList } from './access-list.js';
import { AccessListController } from './access-list.controller.js';
import { OffboardingDesk } from './offboarding-desk.js';
import { OffboardingController } from './offboarding.controller.js';

export const customerOffboardingFeature: Feature = {
  controllers: [OffboardingController, AccessListController],
  providers: ({ database, hint, signingKeys }) => [
    { provide: OffboardingDesk, useValue: new OffboardingDesk(database, hint) },
    { provide: AccessList, useValue: new AccessList(database, signingKeys) },
  ],
};
