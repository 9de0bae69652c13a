//! Durable entities, histories and due times.
