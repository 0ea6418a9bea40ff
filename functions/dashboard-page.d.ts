/** The page of the folder dashboard/, built by esbuild.config.cjs. */
declare module 'dashboard:page' {
  /** The whole page: styles and scripts are in it. */
  export const html: string;
  /** Value of the header of that name: allows what is in the page by its hashes, and nothing else. */
  export const contentSecurityPolicy: string;
}
