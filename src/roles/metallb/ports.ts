/** Where speakers find each other. */
export const memberlistPort = 7946;
