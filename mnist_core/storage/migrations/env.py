"""Alembic's entry point. `mnist_core.storage.database.migrate` runs it with a connection whose transaction it owns."""

from alembic import context

from mnist_core.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # the tables and the record of the migration commit together, on SQLite too
    render_as_batch=True,  # SQLite changes a column only by copying its table
)
with context.begin_transaction():
    context.run_migrations()
