import { describeMuscle } from '@northstar/sdk/testing';

describeMuscle(import.meta.dirname);
