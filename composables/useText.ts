import { en } from '~/locales/en'

/** All texts of the application, in the reader's language: today always English. */
export const useText = () => en
