import { setupSuite } from '../../support/setup-suite.ts';

setupSuite('opensearch');
