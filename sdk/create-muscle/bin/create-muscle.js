#!/usr/bin/env node
// `npm create muscle` runs a package of this name; the scaffolder itself is part of the SDK.
import '@northstar/sdk/create-muscle';
