//! Who is calling and what may they do: credentials, sessions, roles, authorization.
