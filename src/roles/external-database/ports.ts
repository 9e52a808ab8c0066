/** MySQL's and MariaDB's standard port. */
export const mysqlPort = 3306;
