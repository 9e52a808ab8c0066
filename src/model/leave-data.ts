/** Terraform variable that allows leaving data behind, once. */
export const leaveData = 'leave_data';
