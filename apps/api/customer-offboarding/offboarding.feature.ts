import type { Feature } from '../feature.js';
import { AccessList } from './access-list.js';
import { AccessListController } from './access-list.controller.js';
import { ErasureDesk } from './erasure-desk.js';
import { ErasureOrdersController } from './erasure-orders.controller.js';
import { Erasures } from './erasures.js';
import { ErasuresController } from './erasures.controller.js';
import { KeptCertificates } from './kept-certificates.js';
import { KeptCertificatesController } from './kept-certificates.controller.js';
import { OffboardingDesk } from './offboarding-desk.js';
import { OffboardingController } from './offboarding.controller.js';

export const customerOffboardingFeature: Feature = {
  controllers: [
    OffboardingController,
    ErasureOrdersController,
    AccessListController,
    ErasuresController,
    KeptCertificatesController,
  ],
  providers: ({ database, hint, signingKeys }) => [
    { provide: OffboardingDesk, useValue: new OffboardingDesk(database, hint) },
    { provide: ErasureDesk, useValue: new ErasureDesk(database, hint) },
    { provide: Erasures, useValue: new Erasures(database) },
    { provide: KeptCertificates, useValue: new KeptCertificates(database, signingKeys) },
    { provide: AccessList, useValue: new AccessList(database, signingKeys) },
  ],
};
