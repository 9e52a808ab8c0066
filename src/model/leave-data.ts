/** Variable of Terraform that lets data stay behind, once. */
export const leaveData = 'leave_data';
