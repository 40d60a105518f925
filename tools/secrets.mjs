// @ts-check
import { runOnInstallation } from './stack/run-on-installation.mjs';

// npm run secrets -- status | rotate
runOnInstallation('tools/secrets/main.js', 'stellwerk_keeper');
