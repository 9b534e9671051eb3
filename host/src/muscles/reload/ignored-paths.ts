/** Package trees, hidden files, and what editors leave for a moment while they save. */
const IGNORED = /^(node_modules|\..*|.*~|4913|.*\.(tmp|temp|swp|swo|swx)|.*\.tmp\..*|.*___jb_(tmp|old)___|#.*#)$/;

/** Whether a file or folder of this name belongs to no muscle, so that its changes are no reason to reload one. */
export function isIgnoredName(name: string): boolean {
  return IGNORED.test(name);
}
