/** Where things are stored. Records and bytes of one thing share their key, in two stores. */
export const ASSETS = 'assets/';
export const assetKey = (assetId: string): string => `${ASSETS}${assetId}`;
export const artifactsOf = (assetId: string): string => `artifacts/${assetId}/`;
export const artifactKey = (assetId: string, artifactId: string): string => `${artifactsOf(assetId)}${artifactId}`;
