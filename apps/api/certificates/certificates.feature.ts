import type { Feature } from '../feature.js';
import { CertificatesController } from './certificates.controller.js';
import { IssueCertificate } from './issue-certificate.js';
import { SigningKeysController } from './signing-keys.controller.js';

export const certificatesFeature: Feature = {
  controllers: [CertificatesController, SigningKeysController],
  providers: ({ database, signingKeys }) => [
    { provide: IssueCertificate, useValue: new IssueCertificate(database, signingKeys) },
  ],
};
